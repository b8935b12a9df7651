// Package rabbitmq hands events to an exchange of RabbitMQ, over AMQP 0-9-1, and waits until the broker confirms that queues have
// them.
package rabbitmq
